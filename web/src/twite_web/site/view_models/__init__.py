"""What templates show: posts and accounts with everything prepared, so that templates compute nothing."""
