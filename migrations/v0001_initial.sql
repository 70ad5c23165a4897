-- Step 1: the queue, its measurements and its settings.
--
-- Released steps are never changed: what is to be different goes into a new file. Times are milliseconds since 1970,
-- durations are microseconds (whole numbers, so that sums are exact). Names and paths are BLOBs, since a name need not be
-- UTF-8; `sqlite3` shows them with CAST(source AS TEXT).

PRAGMA application_id = 0x5352474E; -- 'SRGN'
PRAGMA user_version = 1;

-- The closed list of reasons. A table and not a CHECK, so that a later step adds one with an INSERT.
CREATE TABLE failure_reason (name TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
INSERT INTO failure_reason (name) VALUES
    ('empty'), ('not_an_image'), ('unsupported_format'), ('truncated'), ('corrupt'), ('too_large'),
    ('output_too_large'), ('not_a_regular_file'), ('unreadable'), ('vanished'), ('model_unusable'), ('configuration'),
    ('io_error'), ('disk_full'), ('out_of_memory'), ('worker_crashed'), ('worker_timed_out'), ('numerical_error');

CREATE TABLE job (
    -- AUTOINCREMENT: an id that was pruned never comes back, so reused_job_id and log lines stay unambiguous.
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    state TEXT NOT NULL,

    -- What was handed in.
    source BLOB NOT NULL CHECK (length(source) > 0),
    inbox BLOB NOT NULL,
    spool BLOB NOT NULL,
    source_stamp TEXT NOT NULL,
    content_sha256 TEXT NOT NULL,
    content_size INTEGER NOT NULL CHECK (content_size >= 0),
    model_sha256 TEXT NOT NULL,
    settings TEXT NOT NULL,
    output_folder BLOB NOT NULL,
    output_name BLOB NOT NULL CHECK (length(output_name) > 0),

    -- How it goes.
    attempt INTEGER NOT NULL DEFAULT 0 CHECK (attempt >= 0),
    run_after INTEGER,
    token TEXT CHECK (length(token) > 0),
    output BLOB CHECK (length(output) > 0),
    temporary_output BLOB CHECK (length(temporary_output) > 0),
    output_sha256 TEXT,
    -- No foreign key: the fact that an output was reused outlives the row that made it.
    reused_job_id INTEGER CHECK (reused_job_id < id),
    reason TEXT REFERENCES failure_reason (name),
    message TEXT CHECK (length(message) > 0),
    disposed_source BLOB CHECK (length(disposed_source) > 0),
    needs_disposal INTEGER NOT NULL DEFAULT 0 CHECK (needs_disposal IN (0, 1)),

    created_at INTEGER NOT NULL,
    -- When it joined the line: created_at, or the last retry by a person.
    queued_at INTEGER NOT NULL,
    started_at INTEGER,
    finished_at INTEGER,

    CHECK (output_sha256 IS NULL OR (length(output_sha256) = 64 AND output_sha256 NOT GLOB '*[^0-9a-f]*')),
    CHECK (model_sha256 = '' OR (length(model_sha256) = 64 AND model_sha256 NOT GLOB '*[^0-9a-f]*')),
    CHECK ((reason IS NULL) = (message IS NULL)),
    -- Work needs a private copy, its hash, settings and a place to go; a row without them was refused at intake.
    CHECK (
        (length(spool) > 0 AND length(content_sha256) = 64 AND content_sha256 NOT GLOB '*[^0-9a-f]*'
            AND json_valid(settings) AND length(output_folder) > 0)
        OR (state = 'failed' AND length(spool) = 0 AND attempt = 0)),
    CHECK (needs_disposal = 0 OR (state IN ('completed', 'failed', 'cancelled') AND disposed_source IS NULL)),
    CHECK (disposed_source IS NULL OR state IN ('completed', 'failed', 'cancelled')),

    -- Each state has exactly the columns that it needs; an unknown state has none that would do.
    CHECK (CASE state
        WHEN 'available' THEN
            token IS NULL AND run_after IS NULL AND started_at IS NULL AND finished_at IS NULL
            AND output IS NULL AND temporary_output IS NULL AND output_sha256 IS NULL AND reused_job_id IS NULL
        WHEN 'running' THEN
            token IS NOT NULL AND run_after IS NULL AND started_at IS NOT NULL AND finished_at IS NULL AND attempt >= 1
            AND output IS NULL AND temporary_output IS NULL AND output_sha256 IS NULL AND reused_job_id IS NULL
        WHEN 'publishing' THEN
            token IS NOT NULL AND run_after IS NULL AND started_at IS NOT NULL AND finished_at IS NULL AND attempt >= 1
            AND output IS NOT NULL AND temporary_output IS NOT NULL AND output_sha256 IS NOT NULL
        WHEN 'retryable' THEN
            token IS NULL AND run_after IS NOT NULL AND started_at IS NOT NULL AND finished_at IS NULL AND attempt >= 1
            AND output IS NULL AND temporary_output IS NULL AND output_sha256 IS NULL AND reused_job_id IS NULL
            AND reason IS NOT NULL
        WHEN 'completed' THEN
            token IS NULL AND run_after IS NULL AND started_at IS NOT NULL AND finished_at IS NOT NULL AND attempt >= 1
            AND output IS NOT NULL AND temporary_output IS NULL AND output_sha256 IS NOT NULL
            AND reason IS NULL
        WHEN 'failed' THEN
            token IS NULL AND run_after IS NULL AND finished_at IS NOT NULL
            AND output IS NULL AND temporary_output IS NULL AND output_sha256 IS NULL AND reused_job_id IS NULL
            AND reason IS NOT NULL
        WHEN 'cancelled' THEN
            token IS NULL AND run_after IS NULL AND finished_at IS NOT NULL
            AND output IS NULL AND temporary_output IS NULL AND output_sha256 IS NULL AND reused_job_id IS NULL
        ELSE 0
    END)
) STRICT;

-- The same bytes of the same source wait or run at most once.
CREATE UNIQUE INDEX job_by_active_source ON job (source, content_sha256)
    WHERE state IN ('available', 'running', 'publishing', 'retryable');
-- `list`, and with a state.
CREATE INDEX job_by_creation ON job (created_at);
CREATE INDEX job_by_state ON job (state, created_at);
-- The claim: the head of the line, and the retry that fell due first.
CREATE INDEX job_available ON job (queued_at) WHERE state = 'available';
CREATE INDEX job_retryable ON job (run_after, queued_at) WHERE state = 'retryable';
-- Intake: was this file taken already, was this picture made already.
CREATE INDEX job_by_source ON job (source);
CREATE INDEX job_completed_by_content ON job (content_sha256) WHERE state = 'completed';
-- Recovery and pruning.
CREATE INDEX job_undisposed ON job (id) WHERE needs_disposal = 1;
CREATE INDEX job_by_finish ON job (finished_at) WHERE finished_at IS NOT NULL;

-- What the worker measured in the last attempt, stage by stage.
CREATE TABLE job_metrics (
    job_id INTEGER PRIMARY KEY REFERENCES job (id) ON DELETE CASCADE,
    wait_us INTEGER NOT NULL CHECK (wait_us >= 0),
    decode_us INTEGER NOT NULL CHECK (decode_us >= 0),
    upscale_us INTEGER NOT NULL CHECK (upscale_us >= 0),
    encode_us INTEGER NOT NULL CHECK (encode_us >= 0),
    publish_us INTEGER NOT NULL CHECK (publish_us >= 0),
    total_us INTEGER NOT NULL CHECK (total_us >= 0),
    cpu_us INTEGER NOT NULL CHECK (cpu_us >= 0),
    peak_memory_bytes INTEGER NOT NULL CHECK (peak_memory_bytes >= 0),
    tiles INTEGER NOT NULL CHECK (tiles >= 0),
    input_width INTEGER NOT NULL CHECK (input_width >= 0),
    input_height INTEGER NOT NULL CHECK (input_height >= 0),
    output_width INTEGER NOT NULL CHECK (output_width >= 0),
    output_height INTEGER NOT NULL CHECK (output_height >= 0),
    output_bytes INTEGER NOT NULL CHECK (output_bytes >= 0),
    notes TEXT NOT NULL CHECK (json_type(notes) = 'array')
) STRICT;

-- What a person decided, kept across restarts.
CREATE TABLE setting (
    name TEXT PRIMARY KEY CHECK (name IN ('paused')),
    value TEXT NOT NULL CHECK (name <> 'paused' OR value IN ('0', '1')),
    changed_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
