-- Notes what changes. The statement that fires a trigger decides about conflicts, so none is left
-- to them: an earlier change of the same row is removed first. Statements end at a line's end; those
-- within a trigger do not.
CREATE TRIGGER patronus_fleet_series_insert AFTER INSERT ON patronus_series BEGIN
  DELETE FROM patronus_fleet_changes WHERE kind = 'series' AND key = NEW.series_id; --
  INSERT INTO patronus_fleet_changes (kind, key) VALUES ('series', NEW.series_id); --
END;
CREATE TRIGGER patronus_fleet_series_update AFTER UPDATE ON patronus_series BEGIN
  DELETE FROM patronus_fleet_changes WHERE kind = 'series' AND key = NEW.series_id; --
  INSERT INTO patronus_fleet_changes (kind, key) VALUES ('series', NEW.series_id); --
END;
CREATE TRIGGER patronus_fleet_five_minutes_insert AFTER INSERT ON patronus_five_minutes BEGIN
  DELETE FROM patronus_fleet_changes WHERE kind = 'five_minutes' AND key = NEW.series_id AND start = NEW.start; --
  INSERT INTO patronus_fleet_changes (kind, key, start) VALUES ('five_minutes', NEW.series_id, NEW.start); --
END;
CREATE TRIGGER patronus_fleet_five_minutes_update AFTER UPDATE ON patronus_five_minutes BEGIN
  DELETE FROM patronus_fleet_changes WHERE kind = 'five_minutes' AND key = NEW.series_id AND start = NEW.start; --
  INSERT INTO patronus_fleet_changes (kind, key, start) VALUES ('five_minutes', NEW.series_id, NEW.start); --
END;
CREATE TRIGGER patronus_fleet_five_minutes_delete AFTER DELETE ON patronus_five_minutes BEGIN
  DELETE FROM patronus_fleet_changes WHERE kind = 'five_minutes' AND key = OLD.series_id AND start = OLD.start; --
  INSERT INTO patronus_fleet_changes (kind, key, start) VALUES ('five_minutes', OLD.series_id, OLD.start); --
END;
CREATE TRIGGER patronus_fleet_hours_insert AFTER INSERT ON patronus_hours BEGIN
  DELETE FROM patronus_fleet_changes WHERE kind = 'hours' AND key = NEW.series_id AND start = NEW.start; --
  INSERT INTO patronus_fleet_changes (kind, key, start) VALUES ('hours', NEW.series_id, NEW.start); --
END;
CREATE TRIGGER patronus_fleet_hours_update AFTER UPDATE ON patronus_hours BEGIN
  DELETE FROM patronus_fleet_changes WHERE kind = 'hours' AND key = NEW.series_id AND start = NEW.start; --
  INSERT INTO patronus_fleet_changes (kind, key, start) VALUES ('hours', NEW.series_id, NEW.start); --
END;
CREATE TRIGGER patronus_fleet_hours_delete AFTER DELETE ON patronus_hours BEGIN
  DELETE FROM patronus_fleet_changes WHERE kind = 'hours' AND key = OLD.series_id AND start = OLD.start; --
  INSERT INTO patronus_fleet_changes (kind, key, start) VALUES ('hours', OLD.series_id, OLD.start); --
END;
CREATE TRIGGER patronus_fleet_days_insert AFTER INSERT ON patronus_days BEGIN
  DELETE FROM patronus_fleet_changes WHERE kind = 'days' AND key = NEW.series_id AND start = NEW.start; --
  INSERT INTO patronus_fleet_changes (kind, key, start) VALUES ('days', NEW.series_id, NEW.start); --
END;
CREATE TRIGGER patronus_fleet_days_update AFTER UPDATE ON patronus_days BEGIN
  DELETE FROM patronus_fleet_changes WHERE kind = 'days' AND key = NEW.series_id AND start = NEW.start; --
  INSERT INTO patronus_fleet_changes (kind, key, start) VALUES ('days', NEW.series_id, NEW.start); --
END;
CREATE TRIGGER patronus_fleet_days_delete AFTER DELETE ON patronus_days BEGIN
  DELETE FROM patronus_fleet_changes WHERE kind = 'days' AND key = OLD.series_id AND start = OLD.start; --
  INSERT INTO patronus_fleet_changes (kind, key, start) VALUES ('days', OLD.series_id, OLD.start); --
END;
CREATE TRIGGER patronus_fleet_unmatched_insert AFTER INSERT ON patronus_unmatched_stats BEGIN
  DELETE FROM patronus_fleet_changes WHERE kind = 'unmatched' AND key = NEW.timestamp; --
  INSERT INTO patronus_fleet_changes (kind, key) VALUES ('unmatched', NEW.timestamp); --
END;
CREATE TRIGGER patronus_fleet_unmatched_update AFTER UPDATE ON patronus_unmatched_stats BEGIN
  DELETE FROM patronus_fleet_changes WHERE kind = 'unmatched' AND key = NEW.timestamp; --
  INSERT INTO patronus_fleet_changes (kind, key) VALUES ('unmatched', NEW.timestamp); --
END;
CREATE TRIGGER patronus_fleet_stat_update AFTER UPDATE ON sdwan_policy_stats BEGIN
  DELETE FROM patronus_fleet_changes WHERE kind = 'stat' AND key = NEW.stat_id; --
  INSERT INTO patronus_fleet_changes (kind, key) VALUES ('stat', NEW.stat_id); --
END;
