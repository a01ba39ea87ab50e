"""What authz answers: gRPC for the gateway, commands for operators."""
