"""Infrastructure as code for Python, in Python."""
