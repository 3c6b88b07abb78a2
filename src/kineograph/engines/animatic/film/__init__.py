"""film: the last stage of every path: bloom, tone, upscale, grain, I420."""
