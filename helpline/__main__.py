"""`python -m helpline` is the console script."""

from helpline.cli import main

main()
