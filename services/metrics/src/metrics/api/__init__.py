"""gRPC: taking usage in, giving figures out."""
