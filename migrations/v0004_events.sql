-- Step 4: the log of events, for whoever wants to know what happened to the jobs, and in which order.
--
-- Triggers write it in the transaction that changes the job, so no event is lost and none is invented, whoever writes.
-- An event describes the job as it was then; the job itself changes again and may be pruned before the event is read.

PRAGMA user_version = 4;

CREATE TABLE event (
    -- AUTOINCREMENT: an id never comes back, so a reader that keeps the last id it saw continues behind it.
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000.0 AS INTEGER)),
    -- No foreign key: events are kept for their own time.
    job_id INTEGER NOT NULL,
    kind TEXT NOT NULL
        CHECK (kind IN ('created', 'refused', 'started', 'postponed', 'completed', 'failed', 'cancelled', 'retried')),
    attempt INTEGER NOT NULL,
    source BLOB NOT NULL,
    inbox BLOB NOT NULL,
    output BLOB,
    reason TEXT REFERENCES failure_reason (name),
    message TEXT
) STRICT;
-- Removing old events.
CREATE INDEX event_by_time ON event (at);

-- A file that intake rejects is in state 'failed' from the start.
CREATE TRIGGER job_enters AFTER INSERT ON job
BEGIN
    INSERT INTO event (job_id, kind, attempt, source, inbox, reason, message)
    VALUES (NEW.id, CASE NEW.state WHEN 'failed' THEN 'refused' ELSE 'created' END, NEW.attempt, NEW.source, NEW.inbox,
        NEW.reason, NEW.message);
END;

-- 'publishing' is no event: it is a step of an attempt. A job that waits again keeps the reason of an earlier attempt, which
-- belongs to this event only if this attempt failed.
CREATE TRIGGER job_changes AFTER UPDATE OF state ON job WHEN NEW.state <> OLD.state AND NEW.state <> 'publishing'
BEGIN
    INSERT INTO event (job_id, kind, attempt, source, inbox, output, reason, message)
    VALUES (NEW.id,
        CASE
            WHEN NEW.state = 'running' THEN 'started'
            WHEN NEW.state IN ('completed', 'failed', 'cancelled') THEN NEW.state
            WHEN OLD.state IN ('failed', 'cancelled') THEN 'retried'
            ELSE 'postponed'
        END,
        -- A released attempt is not counted, but it is the one that ended.
        CASE WHEN OLD.state IN ('running', 'publishing') THEN OLD.attempt ELSE NEW.attempt END,
        NEW.source, NEW.inbox, NEW.output,
        CASE WHEN NEW.state IN ('retryable', 'failed') THEN NEW.reason END,
        CASE WHEN NEW.state IN ('retryable', 'failed') THEN NEW.message END);
END;
