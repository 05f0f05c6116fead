-- Which guards of the platform's own deletions are wanted: one row. A guard is a trigger that
-- removes rows of ours which would make a foreign key refuse what the platform deletes.
CREATE TABLE IF NOT EXISTS patronus_guards (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  level TEXT NOT NULL
);
INSERT OR IGNORE INTO patronus_guards VALUES (1, 'policies');
CREATE TRIGGER IF NOT EXISTS patronus_policy_delete BEFORE DELETE ON sdwan_policies
BEGIN DELETE FROM sdwan_policy_stats WHERE policy_id = OLD.policy_id; END;
