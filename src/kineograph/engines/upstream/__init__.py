"""What the engines share that let others make the film: one way of asking, waiting, and copying; a dialect is what differs."""
