"""`python -m stackwright` is the command line."""

from stackwright.cli import main

main()
