"""Lists of the staff site as files: asked for by a click, made as a job, fetched by whoever asked."""
