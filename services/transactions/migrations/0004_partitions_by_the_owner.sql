-- The role that the service runs as may not create tables; it asks the owner of the schema for the months to come. The search path is
-- fixed, so that nobody can slip another table or function under it.
alter function create_event_partitions(timestamptz, int) security definer set search_path = public, pg_temp;
