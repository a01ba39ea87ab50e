"""gRPC: server, client, deadlines, errors, the present caller."""
