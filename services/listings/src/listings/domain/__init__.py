"""What a listing is and which moves change it. Plain Python."""
