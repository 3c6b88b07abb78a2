"""worker: does the work. `maker` claims, makes and publishes; `intake` fetches images; `child` and `supervisor` are processes."""
