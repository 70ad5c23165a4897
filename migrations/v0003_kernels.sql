-- Step 3: the kernels that computed a job's output.
--
-- Kernels of different instruction sets round differently, so the same image may give other bytes on another machine. NULL
-- for jobs of earlier versions.

PRAGMA user_version = 3;

ALTER TABLE job_metrics ADD COLUMN kernels TEXT CHECK (length(kernels) > 0);
