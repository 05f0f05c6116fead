package dev.patronus.cli.daemon;

import dev.patronus.cli.command.Command;
import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.option.UnknownKey;
import dev.patronus.config.DaemonSettings;
import dev.patronus.config.Settings;
import dev.patronus.config.Settings.Placed;
import dev.patronus.output.Answer;
import dev.patronus.output.table.Column;
import dev.patronus.output.table.Column.Kind;
import dev.patronus.output.table.Table;
import dev.patronus.role.Role;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// `patronus config show`: each setting with its value, and where that comes from.
public final class ConfigShowCommand extends Command {
  private static final String DEFAULT = "default";

  private static final List<Column<Row>> COLUMNS =
      List.of(
          Column.of("setting", Kind.ID, Row::key),
          Column.of("value", Kind.TEXT, row -> row.placed().value()),
          Column.of("origin", Kind.TEXT, row -> row.placed().place()));

  /// A setting with one of its values.
  private record Row(String key, Placed placed) {}

  public ConfigShowCommand() {
    super(
        "Shows each setting with the value in force and its origin: an option of this command"
            + " line, a variable of the environment, a line of the configuration file, or the"
            + " default. Options that are given to a running daemon are its own: 'patronus"
            + " status' shows what it does. It checks nothing; 'patronus daemon --check'"
            + " does.");
    example("config show", "all settings");
    example("config show --columns setting,value -o csv --no-headers", "for a script");
  }

  @Override
  public Optional<Role> requiredRole() {
    return Optional.empty();
  }

  @Override
  public Answer run(Invocation call) {
    return answer(call);
  }

  static Answer answer(Invocation call) {
    Settings settings = call.settings();
    List<Row> rows = new ArrayList<>();
    for (String key : new TreeSet<>(Settings.KEYS)) {
      values(key, call).forEach(value -> rows.add(new Row(key, value)));
    }
    String file = settings.path().map(Path::toString).orElse(null);
    Answer answer =
        new Answer()
            .member("config", file)
            .note(
                file == null
                    ? "No configuration file is read; " + Settings.DEFAULT_CONFIG + " is not there."
                    : "Configuration file: " + file)
            .table(Table.of("settings", COLUMNS, rows));
    UnknownKey.in(settings).forEach(unknown -> answer.say("Unknown: " + unknown.text()));
    return answer;
  }

  /// The values of a key; one without a value where nothing sets it and it has no default.
  private static List<Placed> values(String key, Invocation call) {
    String typed = call.globals().typed(key).orElse(null);
    if (typed != null) {
      return List.of(new Placed(typed, "option --" + key));
    }
    List<Placed> set = call.settings().placed(key);
    return set.isEmpty() ? List.of(new Placed(defaultValue(key, call), DEFAULT)) : set;
  }

  private static @Nullable String defaultValue(String key, Invocation call) {
    return switch (key) {
      case "db" -> call.databaseFile().toString();
      case "socket" -> call.socketFile().toString();
      case "state-dir" -> DaemonSettings.stateDir(call.databaseFile());
      default -> Settings.defaultValue(key).orElse(null);
    };
  }
}
