"""A worker's verbs: claim, make, publish; supervisor and child process."""
