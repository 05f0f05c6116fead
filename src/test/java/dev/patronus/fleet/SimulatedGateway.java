package dev.patronus.fleet;

import dev.patronus.history.Reading;
import dev.patronus.history.tier.Cell;
import dev.patronus.history.tier.RunningSeries;
import dev.patronus.history.tier.Tier;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.StringJoiner;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;

/// A gateway without a database: it counts, rolls up and sends by the calls of a daemon, from
/// memory.
///
/// Counters are reset, clocks go wrong, its state is restored from a backup or replaced, answers
/// are lost, and batches arrive again on another connection.
///
/// Confined to one thread.
final class SimulatedGateway {
  private static final int ROWS_PER_BATCH = 1_500;

  private final String name;
  private final int policies;
  private final Random random;
  private final Supplier<GatewayLink> connections;
  private final long[][] counters;
  private State state;
  private Optional<State> backup = Optional.empty();
  private long clock;
  private long clockError;
  private int databases;
  private Optional<String> lastCall = Optional.empty();
  private long replacedPackets;
  private long replacedBytes;

  /// What one series has: series 0 is what no policy matched.
  private static final class SeriesState {
    private RunningSeries running = RunningSeries.empty();
    private final Map<Tier, TreeMap<Long, Cell>> cells = new EnumMap<>(Tier.class);
    private long hoursUntil = Long.MIN_VALUE;
    private long daysUntil = Long.MIN_VALUE;

    SeriesState() {
      for (Tier tier : Tier.values()) {
        cells.put(tier, new TreeMap<>());
      }
    }

    SeriesState copy() {
      SeriesState copy = new SeriesState();
      copy.running =
          new RunningSeries(
              running.last(), running.open(), running.newestSecond(), running.disordered());
      cells.forEach((tier, of) -> copy.cells.get(tier).putAll(of));
      copy.hoursUntil = hoursUntil;
      copy.daysUntil = daysUntil;
      return copy;
    }

    long sum(java.util.function.ToLongFunction<Cell> value) {
      return cells.get(Tier.FIVE_MINUTES).values().stream().mapToLong(value).sum()
          + running.open().stream().mapToLong(value).sum();
    }
  }

  private record CellKey(Tier tier, int series, long start) {}

  /// What the database of a gateway would have.
  private static final class State {
    private final String databaseId;
    private final List<SeriesState> series = new ArrayList<>();
    private final List<long[]> stats = new ArrayList<>();
    private final TreeMap<Long, long[]> unmatched = new TreeMap<>();
    private final Set<CellKey> changedCells = new HashSet<>();
    private final Set<Integer> changedSeries = new TreeSet<>();
    private final Set<Long> changedUnmatched = new TreeSet<>();
    private final Set<String> tokens = new HashSet<>();
    private int statsSent;

    State(String databaseId, int series) {
      this.databaseId = databaseId;
      for (int i = 0; i < series; i++) {
        this.series.add(new SeriesState());
      }
    }

    State copy() {
      State copy = new State(databaseId, 0);
      series.forEach(each -> copy.series.add(each.copy()));
      copy.stats.addAll(stats);
      copy.unmatched.putAll(unmatched);
      copy.changedCells.addAll(changedCells);
      copy.changedSeries.addAll(changedSeries);
      copy.changedUnmatched.addAll(changedUnmatched);
      copy.tokens.addAll(tokens);
      copy.statsSent = statsSent;
      return copy;
    }
  }

  /// @param connections gives connections to the hub as this gateway, another one each time
  SimulatedGateway(
      String name, int policies, long begin, Random random, Supplier<GatewayLink> connections) {
    this.name = name;
    this.policies = policies;
    this.clock = begin;
    this.random = random;
    this.connections = connections;
    this.counters = new long[policies + 1][2];
    this.state = new State(name + "-0", policies + 1);
  }

  /// Counts for some time and takes a snapshot.
  void count(long seconds) {
    clock += seconds;
    if (random.nextInt(200) == 0) {
      clockError = clockError == 0 ? random.nextInt(4 * 3_600) - 7_200 : 0;
    }
    long now = clock + clockError;
    boolean reset = random.nextInt(150) == 0;
    for (int i = 0; i <= policies; i++) {
      counters[i][0] = (reset ? 0 : counters[i][0]) + random.nextInt(1_000);
      counters[i][1] = (reset ? 0 : counters[i][1]) + random.nextInt(1_000_000);
      long flows = random.nextInt(9);
      if (i > 0) {
        state.stats.add(
            new long[] {state.stats.size() + 1L, i, now, counters[i][0], counters[i][1], flows});
      } else if (state.unmatched.containsKey(now)) {
        continue;
      } else {
        state.unmatched.put(now, new long[] {now, counters[0][0], counters[0][1], flows});
        state.changedUnmatched.add(now);
      }
      accept(i, new Reading(i, now, counters[i][0], counters[i][1], flows));
    }
  }

  private void accept(int id, Reading reading) {
    SeriesState series = state.series.get(id);
    state.changedSeries.add(id);
    if (series.hoursUntil == Long.MIN_VALUE) {
      series.hoursUntil = Tier.HOUR.floor(reading.epochSecond());
      series.daysUntil = Tier.DAY.floor(reading.epochSecond());
    }
    series.running.accept(reading).ifPresent(cell -> put(id, cell));
    // A cell of time that is summed up already is in its tiers at once.
    if (series.running.open().orElseThrow().start() < series.hoursUntil) {
      put(id, series.running.close().orElseThrow());
    }
  }

  private void put(int id, Cell cell) {
    SeriesState series = state.series.get(id);
    put(id, Tier.FIVE_MINUTES, cell);
    if (cell.start() < series.hoursUntil) {
      put(id, Tier.HOUR, cell.in(Tier.HOUR));
    }
    if (cell.start() < series.daysUntil) {
      put(id, Tier.DAY, cell.in(Tier.DAY));
    }
  }

  private void put(int id, Tier tier, Cell cell) {
    state.series.get(id).cells.get(tier).merge(cell.start(), cell, Cell::plus);
    state.changedCells.add(new CellKey(tier, id, cell.start()));
  }

  /// Sums up hours and days that are over.
  void close() {
    long hour = Tier.HOUR.floor(clock + clockError);
    for (int id = 0; id <= policies; id++) {
      SeriesState series = state.series.get(id);
      if (series.hoursUntil >= hour || series.hoursUntil > series.running.newestSecond()) {
        continue;
      }
      if (series.running.open().filter(cell -> cell.start() < hour).isPresent()) {
        put(id, series.running.close().orElseThrow());
      }
      sumUp(id, Tier.FIVE_MINUTES, series.hoursUntil, hour, Tier.HOUR);
      series.hoursUntil = hour;
      long day = Tier.DAY.floor(hour);
      if (series.daysUntil < day) {
        sumUp(id, Tier.HOUR, series.daysUntil, day, Tier.DAY);
        series.daysUntil = day;
      }
      state.changedSeries.add(id);
    }
  }

  private void sumUp(int id, Tier from, long first, long until, Tier to) {
    List<Cell> cells =
        List.copyOf(state.series.get(id).cells.get(from).subMap(first, until).values());
    cells.forEach(cell -> put(id, to, cell.in(to)));
  }

  void backUp() {
    backup = Optional.of(state.copy());
  }

  /// Goes on with the last backup; the counters go on.
  ///
  /// @return whether there is one
  boolean restore() {
    backup.ifPresent(copy -> state = copy.copy());
    return backup.isPresent();
  }

  /// Goes on with a new database, once all of the one before was sent.
  void replace() {
    while (!publish(false)) {}
    replacedPackets += sum(Cell::packets);
    replacedBytes += sum(Cell::bytes);
    databases++;
    backup = Optional.empty();
    state = new State(name + "-" + databases, policies + 1);
  }

  private long sum(java.util.function.ToLongFunction<Cell> value) {
    return state.series.stream().skip(1).mapToLong(series -> series.sum(value)).sum();
  }

  /// The packets that its policies carried, as far as its databases know.
  long packets() {
    return replacedPackets + sum(Cell::packets);
  }

  long bytes() {
    return replacedBytes + sum(Cell::bytes);
  }

  /// The rows of the database that it has now, as the hub shows them.
  List<String> rows() {
    return state.stats.stream()
        .map(row -> row[0] + "|" + row[1] + "|" + row[2] + "|" + row[3] + "|" + row[4])
        .toList();
  }

  String databaseId() {
    return state.databaseId;
  }

  /// The cells of a tier in the database that it has now, as the hub shows them.
  List<String> cells(Tier tier) {
    List<String> cells = new ArrayList<>();
    for (int id = 0; id <= policies; id++) {
      for (Cell cell : state.series.get(id).cells.get(tier).values()) {
        cells.add((id + "," + numbers(cell)).replace(',', '|'));
      }
    }
    return cells;
  }

  /// Sends what is new.
  ///
  /// @param lossy whether answers get lost, and calls arrive twice
  /// @return whether all was sent
  boolean publish(boolean lossy) {
    GatewayLink link = connections.get();
    GatewayLink.Answer at = link.call("mark", "");
    if (!state.tokens.contains(at.token()) || !at.database().equals(state.databaseId)) {
      at = begin(link, at);
    }
    if (lossy && lastCall.isPresent() && random.nextInt(4) == 0) {
      // One that was sent long ago arrives again.
      if (link.call("batch", lastCall.get()).taken()) {
        throw new IllegalStateException(name + ": an old batch was taken again");
      }
    }
    while (true) {
      Batch batch = next();
      if (batch.rows == 0 && at.complete()) {
        return true;
      }
      String token = Long.toHexString(random.nextLong());
      state.tokens.add(token);
      String members =
          ",\"epoch\":%d,\"batch\":%d,\"token\":\"%s\",\"version\":\"sim\",\"sent\":%d000,\"waiting\":0,\"complete\":%s,\"marks\":{}%s"
              .formatted(
                  at.epoch(), at.batch() + 1, token, clock + clockError, batch.last, batch.json);
      GatewayLink.Answer answer = link.call("batch", members);
      if (lossy && random.nextInt(6) == 0) {
        answer = connections.get().call("batch", members);
        if (answer.taken() || !answer.token().equals(token)) {
          throw new IllegalStateException(name + ": a batch was taken twice");
        }
      } else if (!answer.taken()) {
        throw new IllegalStateException(name + ": not taken: " + answer);
      }
      lastCall = Optional.of(members);
      batch.sent.run();
      at = answer;
      if (lossy && random.nextInt(10) == 0) {
        return false;
      }
    }
  }

  private GatewayLink.Answer begin(GatewayLink link, GatewayLink.Answer at) {
    long shared = shared(link);
    String token = Long.toHexString(random.nextLong());
    state.tokens.add(token);
    state.statsSent = (int) shared;
    for (int id = 0; id <= policies; id++) {
      int series = id;
      state.changedSeries.add(id);
      state
          .series
          .get(id)
          .cells
          .forEach((tier, cells) ->
              cells
                  .keySet()
                  .forEach(start -> state.changedCells.add(new CellKey(tier, series, start))));
    }
    state.changedUnmatched.addAll(state.unmatched.keySet());
    return link.call(
        "begin",
        ",\"after\":%d,\"database\":\"%s\",\"token\":\"%s\",\"at\":%d%s,\"five_minutes_from\":-62135596800,\"hours_from\":-62135596800,\"marks\":{}"
            .formatted(
                at.epoch(),
                state.databaseId,
                token,
                clock,
                shared == 0 ? "" : ",\"stats_after\":" + shared));
  }

  /// The newest row that the hub has got of this database, too; 0 if it has none.
  private long shared(GatewayLink link) {
    for (int end = state.stats.size(); end > 0; end -= 500) {
      StringJoiner rows = new StringJoiner(",", "[", "]");
      state.stats.subList(Math.max(0, end - 500), end).forEach(row -> rows.add(json(row)));
      GatewayLink.Answer answer =
          link.call("match", ",\"database\":\"" + state.databaseId + "\",\"stats\":" + rows);
      if (answer.number("stats").isPresent()) {
        return answer.number("stats").getAsLong();
      }
    }
    return 0;
  }

  private record Batch(int rows, String json, boolean last, Runnable sent) {}

  /// The next batch: cells and series of one series after the other, so that what closes a cell
  /// goes with it, then rows.
  private Batch next() {
    Map<String, StringJoiner> members = new HashMap<>();
    List<Runnable> sent = new ArrayList<>();
    int rows = 0;
    List<CellKey> cells = new ArrayList<>(state.changedCells);
    cells.sort(
        java.util.Comparator.comparing(CellKey::tier)
            .thenComparingLong(CellKey::start)
            .thenComparingInt(CellKey::series));
    for (CellKey key : cells.subList(0, Math.min(cells.size(), ROWS_PER_BATCH))) {
      Cell cell = state.series.get(key.series()).cells.get(key.tier()).get(key.start());
      add(members, member(key.tier()), "[" + key.series() + "," + numbers(cell) + "]");
      sent.add(() -> state.changedCells.remove(key));
      rows++;
    }
    // Series move their borders only with or after the cells before them.
    if (rows == cells.size()) {
      for (int id : List.copyOf(state.changedSeries)) {
        add(members, "series", series(id));
        rows++;
      }
      sent.add(state.changedSeries::clear);
      for (long at : List.copyOf(state.changedUnmatched)) {
        if (rows < ROWS_PER_BATCH) {
          add(members, "unmatched", json(state.unmatched.get(at)));
          sent.add(() -> state.changedUnmatched.remove(at));
          rows++;
        }
      }
      int until = Math.min(state.stats.size(), state.statsSent + ROWS_PER_BATCH);
      for (long[] row : state.stats.subList(state.statsSent, until)) {
        add(members, "policy_stats", json(row));
        rows++;
      }
      sent.add(() -> state.statsSent = until);
    }
    StringBuilder json = new StringBuilder();
    members.forEach((member, of) -> json.append(",\"").append(member).append("\":").append(of));
    boolean last = rows < ROWS_PER_BATCH && cells.size() < ROWS_PER_BATCH;
    return new Batch(rows, json.toString(), last, () -> sent.forEach(Runnable::run));
  }

  private static void add(Map<String, StringJoiner> members, String member, String row) {
    members.computeIfAbsent(member, _ -> new StringJoiner(",", "[", "]")).add(row);
  }

  private static String member(Tier tier) {
    return switch (tier) {
      case FIVE_MINUTES -> "five_minutes";
      case HOUR -> "hours";
      case DAY -> "days";
    };
  }

  private static String json(long[] row) {
    StringJoiner json = new StringJoiner(",", "[", "]");
    for (long value : row) {
      json.add(Long.toString(value));
    }
    return json.toString();
  }

  private static String numbers(Cell cell) {
    return "%d,%d,%d,%d,%d,%d,%d,%d,%d,%d,%d"
        .formatted(
            cell.start(),
            cell.packets(),
            cell.bytes(),
            cell.activeFlows(),
            cell.activeFlowsHighest(),
            cell.lastSecond(),
            cell.coveredSeconds(),
            cell.longestSeconds(),
            cell.readings(),
            cell.resets(),
            cell.implausible());
  }

  private String series(int id) {
    SeriesState series = state.series.get(id);
    RunningSeries running = series.running;
    String last =
        running
            .last()
            .map(of -> of.epochSecond() + "," + of.packets() + "," + of.bytes())
            .orElse("null,null,null");
    boolean begun = running.newestSecond() != Long.MIN_VALUE;
    return "[%d,%s,\"policy %d\",%s,%d,%s,%s,%s,%s]"
        .formatted(
            id,
            id == 0 ? "null" : Integer.toString(id),
            id,
            begun ? Long.toString(running.newestSecond()) : "null",
            running.disordered() ? 1 : 0,
            last,
            begun ? Long.toString(series.hoursUntil) : "null",
            begun ? Long.toString(series.daysUntil) : "null",
            running.open().map(SimulatedGateway::numbers).orElse("null" + ",null".repeat(10)));
  }
}
