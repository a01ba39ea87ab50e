"""One file a contender of `benchmarks.ingest`, each run as a process of its own (job.py). Those of other projects are
written as their documentation recommends and run in benchmarks/.venv (`benchmarks/prepare`)."""
