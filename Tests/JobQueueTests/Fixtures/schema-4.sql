-- Made by make-schemas beside it: the database of schema 4 with a job in every state.
PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE failure_reason (name TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
INSERT INTO failure_reason VALUES('configuration');
INSERT INTO failure_reason VALUES('corrupt');
INSERT INTO failure_reason VALUES('disk_full');
INSERT INTO failure_reason VALUES('empty');
INSERT INTO failure_reason VALUES('io_error');
INSERT INTO failure_reason VALUES('model_unusable');
INSERT INTO failure_reason VALUES('not_a_regular_file');
INSERT INTO failure_reason VALUES('not_an_image');
INSERT INTO failure_reason VALUES('numerical_error');
INSERT INTO failure_reason VALUES('out_of_memory');
INSERT INTO failure_reason VALUES('output_too_large');
INSERT INTO failure_reason VALUES('too_large');
INSERT INTO failure_reason VALUES('truncated');
INSERT INTO failure_reason VALUES('unreadable');
INSERT INTO failure_reason VALUES('unsupported_format');
INSERT INTO failure_reason VALUES('vanished');
INSERT INTO failure_reason VALUES('worker_crashed');
INSERT INTO failure_reason VALUES('worker_timed_out');
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
INSERT INTO job VALUES(1,'completed',X'2f696e626f782f636f6d706c657465642e6a7067',X'2f696e626f78',X'2f73706f6f6c2f31','1:2:3','aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',1000,'7777777777777777777777777777777777777777777777777777777777777777','{"format":"same"}',X'2f6f7574626f78',X'636f6d706c657465642e6a7067',1,NULL,NULL,X'2f6f7574626f782f636f6d706c657465642e6a7067',NULL,'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb',NULL,NULL,NULL,X'2f617263686976652f636f6d706c657465642e6a7067',0,1700000000000,1700000000000,1700000001000,1700000007000);
INSERT INTO job VALUES(2,'completed',X'2f696e626f782f7265757365642e6a7067',X'2f696e626f78',X'2f73706f6f6c2f32','2:2:3','aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',1000,'7777777777777777777777777777777777777777777777777777777777777777','{"format":"same"}',X'2f6f7574626f78',X'7265757365642e6a7067',1,NULL,NULL,X'2f6f7574626f782f7265757365642e6a7067',NULL,'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb',1,NULL,NULL,NULL,1,1700000000000,1700000000000,1700000002000,1700000008000);
INSERT INTO job VALUES(3,'failed',X'2f696e626f782f6661696c65642e6a7067',X'2f696e626f78',X'2f73706f6f6c2f33','3:2:3','aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',1000,'7777777777777777777777777777777777777777777777777777777777777777','{"format":"same"}',X'2f6f7574626f78',X'6661696c65642e6a7067',3,NULL,NULL,NULL,NULL,NULL,NULL,'truncated','The file ends early.',NULL,0,1700000000000,1700000000000,1700000003000,1700000004000);
INSERT INTO job VALUES(4,'failed',X'2f696e626f782fff0a2e706e67',X'2f696e626f78',X'','4:2:3','',0,'','{}',X'2f6f7574626f78',X'ff0a2e706e67',0,NULL,NULL,NULL,NULL,NULL,NULL,'empty','The file has 0 bytes.',NULL,0,1700000000000,1700000000000,NULL,1700000005000);
INSERT INTO job VALUES(5,'cancelled',X'2f696e626f782f63616e63656c6c65642e6a7067',X'2f696e626f78',X'2f73706f6f6c2f35','5:2:3','aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',1000,'7777777777777777777777777777777777777777777777777777777777777777','{"format":"same"}',X'2f6f7574626f78',X'63616e63656c6c65642e6a7067',0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,1700000000000,1700000000000,NULL,1700000006000);
INSERT INTO job VALUES(6,'retryable',X'2f696e626f782f726574727961626c652e6a7067',X'2f696e626f78',X'2f73706f6f6c2f36','6:2:3','aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',1000,'7777777777777777777777777777777777777777777777777777777777777777','{"format":"same"}',X'2f6f7574626f78',X'726574727961626c652e6a7067',1,1700000060000,NULL,NULL,NULL,NULL,NULL,'worker_crashed','The worker died.',NULL,0,1700000000000,1700000000000,1700000003000,NULL);
INSERT INTO job VALUES(7,'running',X'2f696e626f782f72756e6e696e672e6a7067',X'2f696e626f78',X'2f73706f6f6c2f37','7:2:3','aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',1000,'7777777777777777777777777777777777777777777777777777777777777777','{"format":"same"}',X'2f6f7574626f78',X'72756e6e696e672e6a7067',1,NULL,'t',NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,1700000000000,1700000000000,1700000003000,NULL);
INSERT INTO job VALUES(8,'publishing',X'2f696e626f782f7075626c697368696e672e6a7067',X'2f696e626f78',X'2f73706f6f6c2f38','8:2:3','aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',1000,'7777777777777777777777777777777777777777777777777777777777777777','{"format":"same"}',X'2f6f7574626f78',X'7075626c697368696e672e6a7067',2,NULL,'t',X'2f6f7574626f782f7075626c697368696e672e6a7067',X'2f6f7574626f782f2e7438','bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb',NULL,NULL,NULL,NULL,0,1700000000000,1700000000000,1700000003000,NULL);
INSERT INTO job VALUES(9,'available',X'2f696e626f782f617661696c61626c652e6a7067',X'2f696e626f78',X'2f73706f6f6c2f39','9:2:3','aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',1000,'7777777777777777777777777777777777777777777777777777777777777777','{"format":"same"}',X'2f6f7574626f78',X'617661696c61626c652e6a7067',0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,1700000000000,1700000000000,NULL,NULL);
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
, kernels TEXT CHECK (length(kernels) > 0)) STRICT;
INSERT INTO job_metrics VALUES(1,1000000,2000000,3000000,4000000,5000,6000000,7000000,8000,9,640,480,2560,1920,4000,'["CMYK was converted to sRGB."]','avx2');
INSERT INTO job_metrics VALUES(2,1000000,2000000,3000000,4000000,5000,6000000,7000000,8000,9,640,480,2560,1920,4000,'["CMYK was converted to sRGB."]','avx2');
INSERT INTO job_metrics VALUES(8,1000000,2000000,3000000,4000000,5000,6000000,7000000,8000,9,640,480,2560,1920,4000,'["CMYK was converted to sRGB."]','avx2');
CREATE TABLE setting (
    name TEXT PRIMARY KEY CHECK (name IN ('paused')),
    value TEXT NOT NULL CHECK (name <> 'paused' OR value IN ('0', '1')),
    changed_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO setting VALUES('paused','1',1700000009000);
CREATE TABLE completed_total (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    input_pixels INTEGER NOT NULL CHECK (input_pixels >= 0),
    output_pixels INTEGER NOT NULL CHECK (output_pixels >= 0),
    tiles INTEGER NOT NULL CHECK (tiles >= 0),
    wait_us INTEGER NOT NULL CHECK (wait_us >= 0),
    decode_us INTEGER NOT NULL CHECK (decode_us >= 0),
    upscale_us INTEGER NOT NULL CHECK (upscale_us >= 0),
    encode_us INTEGER NOT NULL CHECK (encode_us >= 0),
    publish_us INTEGER NOT NULL CHECK (publish_us >= 0),
    total_us INTEGER NOT NULL CHECK (total_us >= 0),
    cpu_us INTEGER NOT NULL CHECK (cpu_us >= 0),
    reused INTEGER NOT NULL CHECK (reused >= 0)
) STRICT;
INSERT INTO completed_total VALUES(1,614400,9830400,18,2000000,4000000,6000000,8000000,10000,12000000,14000000,1);
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
INSERT INTO event VALUES(1,1796134091822,1,'created',1,X'2f696e626f782f636f6d706c657465642e6a7067',X'2f696e626f78',NULL,NULL,NULL);
INSERT INTO event VALUES(2,1796134091823,1,'completed',1,X'2f696e626f782f636f6d706c657465642e6a7067',X'2f696e626f78',X'2f6f7574626f782f636f6d706c657465642e6a7067',NULL,NULL);
INSERT INTO event VALUES(3,1796134091823,2,'created',1,X'2f696e626f782f7265757365642e6a7067',X'2f696e626f78',NULL,NULL,NULL);
INSERT INTO event VALUES(4,1796134091823,2,'completed',1,X'2f696e626f782f7265757365642e6a7067',X'2f696e626f78',X'2f6f7574626f782f7265757365642e6a7067',NULL,NULL);
INSERT INTO event VALUES(5,1796134091823,3,'refused',3,X'2f696e626f782f6661696c65642e6a7067',X'2f696e626f78',NULL,'truncated','The file ends early.');
INSERT INTO event VALUES(6,1796134091824,4,'refused',0,X'2f696e626f782fff0a2e706e67',X'2f696e626f78',NULL,'empty','The file has 0 bytes.');
INSERT INTO event VALUES(7,1796134091824,5,'created',0,X'2f696e626f782f63616e63656c6c65642e6a7067',X'2f696e626f78',NULL,NULL,NULL);
INSERT INTO event VALUES(8,1796134091824,6,'created',1,X'2f696e626f782f726574727961626c652e6a7067',X'2f696e626f78',NULL,'worker_crashed','The worker died.');
INSERT INTO event VALUES(9,1796134091825,7,'created',1,X'2f696e626f782f72756e6e696e672e6a7067',X'2f696e626f78',NULL,NULL,NULL);
INSERT INTO event VALUES(10,1796134091825,8,'created',2,X'2f696e626f782f7075626c697368696e672e6a7067',X'2f696e626f78',NULL,NULL,NULL);
INSERT INTO event VALUES(11,1796134091825,9,'created',0,X'2f696e626f782f617661696c61626c652e6a7067',X'2f696e626f78',NULL,NULL,NULL);
INSERT INTO event VALUES(12,1796134091826,10,'created',0,X'2f696e626f782f7072756e65642e6a7067',X'2f696e626f78',NULL,NULL,NULL);
DELETE FROM sqlite_sequence;
INSERT INTO sqlite_sequence VALUES('event',12);
INSERT INTO sqlite_sequence VALUES('job',10);
CREATE UNIQUE INDEX job_by_active_source ON job (source, content_sha256)
    WHERE state IN ('available', 'running', 'publishing', 'retryable');
CREATE INDEX job_by_creation ON job (created_at);
CREATE INDEX job_by_state ON job (state, created_at);
CREATE INDEX job_available ON job (queued_at) WHERE state = 'available';
CREATE INDEX job_retryable ON job (run_after, queued_at) WHERE state = 'retryable';
CREATE INDEX job_by_source ON job (source);
CREATE INDEX job_completed_by_content ON job (content_sha256) WHERE state = 'completed';
CREATE INDEX job_undisposed ON job (id) WHERE needs_disposal = 1;
CREATE INDEX job_by_finish ON job (finished_at) WHERE finished_at IS NOT NULL;
CREATE TRIGGER job_completes AFTER UPDATE OF state ON job WHEN NEW.state = 'completed' AND OLD.state <> 'completed'
BEGIN
    UPDATE completed_total SET
        input_pixels = input_pixels + m.input_width * m.input_height,
        output_pixels = output_pixels + m.output_width * m.output_height, tiles = completed_total.tiles + m.tiles,
        wait_us = completed_total.wait_us + m.wait_us, decode_us = completed_total.decode_us + m.decode_us,
        upscale_us = completed_total.upscale_us + m.upscale_us, encode_us = completed_total.encode_us + m.encode_us,
        publish_us = completed_total.publish_us + m.publish_us, total_us = completed_total.total_us + m.total_us,
        cpu_us = completed_total.cpu_us + m.cpu_us, reused = reused + (NEW.reused_job_id IS NOT NULL)
    FROM job_metrics AS m WHERE m.job_id = NEW.id;
END;
CREATE TRIGGER job_is_pruned BEFORE DELETE ON job WHEN OLD.state = 'completed'
BEGIN
    UPDATE completed_total SET
        input_pixels = input_pixels - m.input_width * m.input_height,
        output_pixels = output_pixels - m.output_width * m.output_height, tiles = completed_total.tiles - m.tiles,
        wait_us = completed_total.wait_us - m.wait_us, decode_us = completed_total.decode_us - m.decode_us,
        upscale_us = completed_total.upscale_us - m.upscale_us, encode_us = completed_total.encode_us - m.encode_us,
        publish_us = completed_total.publish_us - m.publish_us, total_us = completed_total.total_us - m.total_us,
        cpu_us = completed_total.cpu_us - m.cpu_us, reused = reused - (OLD.reused_job_id IS NOT NULL)
    FROM job_metrics AS m WHERE m.job_id = OLD.id;
END;
CREATE INDEX event_by_time ON event (at);
CREATE TRIGGER job_enters AFTER INSERT ON job
BEGIN
    INSERT INTO event (job_id, kind, attempt, source, inbox, reason, message)
    VALUES (NEW.id, CASE NEW.state WHEN 'failed' THEN 'refused' ELSE 'created' END, NEW.attempt, NEW.source, NEW.inbox,
        NEW.reason, NEW.message);
END;
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
END
;
COMMIT;
PRAGMA application_id = 1397901134;
PRAGMA user_version = 4;
