"""Each figure of docs/performance.md, one command each: `.venv/bin/python -m benchmarks.<name>`."""
