"""What submissions answer over gRPC."""
