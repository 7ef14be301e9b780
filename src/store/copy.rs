//! Rows in PostgreSQL's COPY text format.
