"""Reads: statements as constants, and a function around each that returns structs."""
