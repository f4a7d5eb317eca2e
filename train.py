"""Fit a network once, explain it, score every method, write a report."""

if __name__ == "__main__":  # imported inside: the processes that prepare ECGs need none of it
    from ecglens.cli.train import main

    main()
