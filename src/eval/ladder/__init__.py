"""What a method is compared with, from random numbers to its own maps of other patients."""
