-- Step 2: sums over completed jobs, kept while jobs complete and are pruned.
--
-- Summing a million jobs for the metrics takes seconds, every few seconds. Triggers keep the sums whoever writes; whole
-- microseconds keep them exact. A job's metrics are final before its state becomes 'completed'.

PRAGMA user_version = 2;

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

INSERT INTO completed_total
SELECT 1, coalesce(sum(input_width * input_height), 0), coalesce(sum(output_width * output_height), 0),
    coalesce(sum(tiles), 0), coalesce(sum(wait_us), 0), coalesce(sum(decode_us), 0), coalesce(sum(upscale_us), 0),
    coalesce(sum(encode_us), 0), coalesce(sum(publish_us), 0), coalesce(sum(total_us), 0), coalesce(sum(cpu_us), 0),
    count(reused_job_id)
FROM job JOIN job_metrics ON job_id = job.id WHERE state = 'completed';

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

-- Before the row goes, since its metrics go with it.
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
