"""What is told, to whom and in which words: plain Python."""
