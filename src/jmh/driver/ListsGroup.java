import java.nio.file.Path;

/// Commands that show tables.
final class ListsGroup extends BenchGroup {
  ListsGroup(Path data, Results results) {
    super(data, results);
  }

  @Override
  void measure() throws Exception {
    Path db = demo("lists");
    String patronus = PROGRAM + " --db " + db + " ";
    beside(
        "lists",
        "an empty Java main",
        emptyMain(),
        20,
        new Timed("`site list`", patronus + "site list", 2.8),
        new Timed("`policy list`", patronus + "policy list", 2.8),
        new Timed("`path list`", patronus + "path list", 2.8),
        new Timed("`audit`", patronus + "audit", 2.8),
        new Timed("`site delete --dry-run`", patronus + "site delete oslo --dry-run", 2.8),
        new Timed("`policy explain`", patronus + "policy explain 10.1.2.3 192.0.2.10:443", 2.8));
  }
}
