"""What suggestions bring: orders of visitors who were shown them beside those who were not, and what was clicked."""
