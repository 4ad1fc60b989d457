"""A small ray tracer in torch: shapes in closed form, soft light, mirrors and glass."""
