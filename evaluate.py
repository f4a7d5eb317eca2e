"""Explain and score a network that is there already."""

if __name__ == "__main__":  # imported inside: the processes that prepare ECGs need none of it
    from ecglens.cli.evaluate import main

    main()
