"""The visitor's pages, at the terminal and on the phone."""
