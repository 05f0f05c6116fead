import java.nio.file.Path;

/// Commands that end at once.
final class StartupGroup extends BenchGroup {
  StartupGroup(Path data, Results results) {
    super(data, results);
  }

  @Override
  void measure() throws Exception {
    Path db = database("startup.db", 100, 100);
    String patronus = PROGRAM + " --db " + db + " ";
    beside(
        "startup",
        "an empty Java main",
        emptyMain(),
        30,
        new Timed("`stats` of a snapshot", patronus + "stats", 1.7),
        new Timed("`--help`", PROGRAM + " --help", 1.7),
        new Timed("completion of a policy", patronus + "__complete -- stats --policy \"\"", 1.7));
  }
}
