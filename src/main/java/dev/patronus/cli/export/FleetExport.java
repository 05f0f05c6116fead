package dev.patronus.cli.export;

import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.option.FleetReading;
import dev.patronus.cli.option.PolicyNames;
import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.fleet.read.FleetReader;
import dev.patronus.fleet.read.HubExport;
import dev.patronus.fleet.read.HubExport.Place;
import dev.patronus.fleet.read.HubGateway;
import dev.patronus.output.Answer;
import dev.patronus.output.Format;
import dev.patronus.output.file.Checkpoint;
import dev.patronus.output.file.ExportState;
import dev.patronus.store.scan.ExportColumn;
import dev.patronus.store.scan.RowScan;
import dev.patronus.time.TimeRange;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;

/// An export of the rows of gateways from the hub, all of them as they are at one instant.
///
/// Of what came since the last run: the rows of a gateway arrive in the order of their epochs and
/// numbers, each batch whole, so that the last ones that were handed over tell which are new, also
/// while gateways are late.
record FleetExport(
    ExportCommand command,
    Invocation call,
    Format format,
    List<String> names,
    Optional<Path> target) {

  /// Exports a range.
  Answer run() throws IOException {
    return reading(reader -> {
      TimeRange range = command.isTimed() ? command.rangeOfFleet(call, reader) : TimeRange.ALL;
      if (command.isTimed()) {
        command.times().echo(range, call, call.zone());
      }
      try (RowScan scan = command.openFleet(call, reader, names, range)) {
        command.write(call, command.rows(call, scan, names, range, false), format, target);
        return new Answer();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    });
  }

  /// Exports what came since the last run.
  Answer runSince(Path stateFile, boolean append, boolean restart) throws IOException {
    return reading(reader -> {
      try {
        return runSince(reader, stateFile, append, restart);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    });
  }

  private <T> T reading(Function<FleetReader, T> work) throws IOException {
    try {
      return FleetReading.read(call, command.fleet(), work);
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private Answer runSince(FleetReader reader, Path stateFile, boolean append, boolean restart)
      throws IOException {
    AppendedFile appended =
        append ? NextFile.appended(command, call, format, names, target.orElseThrow()) : null;
    try (ExportState state = command.state(call, names, stateFile, target, restart)) {
      SortedMap<String, Checkpoint.Place> done = state.checkpoint().gateways();
      if (state.checkpoint().key() > 0) {
        throw another(reader, state);
      }
      HubExport export = new HubExport(reader, command.extract());
      SortedMap<String, Place> ends = export.ends();
      done.forEach((gateway, place) -> {
        Place end = ends.get(gateway);
        if (end == null || place(end).compareTo(place) < 0) {
          throw another(reader, state);
        }
      });
      SortedMap<String, Checkpoint.Place> next = new TreeMap<>(done);
      ends.forEach((gateway, end) -> next.put(gateway, place(end)));
      TimeRange range = done.isEmpty() ? command.firstRange(call) : TimeRange.ALL;
      Map<String, Place> after = new HashMap<>();
      done.forEach((gateway, place) -> after.put(gateway, new Place(place.epoch(), place.key())));
      try (RowScan scan =
          export.asWritten(fields(command, names), command.groups(call, reader), range, after)) {
        ExportRows rows = command.rows(call, scan, names, range, true);
        if (target.isEmpty()) {
          command.toStream(call, rows, format);
          state.commit(Checkpoint.of(next));
        } else {
          boolean _ =
              new NextFile(command, call, format, target.get())
                  .write(rows, state, Checkpoint.of(next), appended, () -> true);
        }
      }
    }
    return new Answer();
  }

  private static Checkpoint.Place place(Place place) {
    return new Checkpoint.Place(place.epoch(), place.rowId());
  }

  private static UserError another(FleetReader reader, ExportState state) {
    return new UserError(
        ExitCode.UNUSABLE_DATABASE,
        reader.hubName()
            + " is not the hub for which "
            + state.file()
            + " was written, or an older copy of it: it has fewer rows than were exported; use"
            + " another state file, or start over with --restart");
  }

  /// The columns of these names; empty for that of the gateway.
  static List<Optional<ExportColumn>> fields(ExportCommand command, List<String> names) {
    return names.stream()
        .map(name ->
            name.equals(HubExport.GATEWAY)
                ? Optional.<ExportColumn>empty()
                : Optional.of(command.extract().field(name)))
        .toList();
  }

  /// Of each gateway the ids of these policies.
  static Map<String, long[]> idsOf(List<Long> numbers, PolicyNames names) {
    Map<String, List<Long>> ids = new TreeMap<>();
    for (long number : numbers) {
      ids.computeIfAbsent(names.gateway(number), _ -> new ArrayList<>())
          .add(names.policyId(number));
    }
    Map<String, long[]> arrays = new HashMap<>();
    ids.forEach(
        (gateway, of) -> arrays.put(gateway, of.stream().mapToLong(Long::longValue).toArray()));
    return arrays;
  }

  /// The same groups for all gateways.
  static Map<String, long[]> everywhere(List<Long> groups, FleetReader reader) {
    Map<String, long[]> all = new HashMap<>();
    for (HubGateway gateway : reader.gateways()) {
      all.put(gateway.name(), groups.stream().mapToLong(Long::longValue).toArray());
    }
    return all;
  }
}
