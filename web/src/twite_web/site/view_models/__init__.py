"""What templates show: posts and accounts with everything worked out, so that templates compute nothing."""
