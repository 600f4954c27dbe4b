"""Reads: constant statements, and a function around each that returns structs."""
