package dev.patronus.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.testing.Browser;
import dev.patronus.testing.Browser.Scheme;
import dev.patronus.testing.DaemonUnderTest;
import dev.patronus.testing.NetflowV5Sender;
import dev.patronus.testing.PlatformDatabase;
import dev.patronus.testing.Program;
import dev.patronus.testing.ProgramOutcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/// The page of the packaged program in a real browser: on a desk, on a phone, in the dark and on
/// paper. The pictures are left in `target/report-pictures`, to be looked at.
class ReportIT {
  private static final long NEWEST = 1_795_442_400;
  private static final int HOURS = 7 * 24;
  private static final Path PICTURES = Path.of("target/report-pictures");

  /// What is drawn further right than the window is wide, itself not hidden.
  private static final String SPILLED =
      """
      [...document.querySelectorAll('body *')]
        .filter(e => e.getClientRects().length && e.getBoundingClientRect().right > innerWidth + 1)
        .map(e => e.outerHTML.substring(0, 80)).join('\\n')
      """;

  /// Labels of axes that lie over each other, or that leave the window.
  private static final String COLLISIONS =
      """
      [...document.querySelectorAll('.x, .y')].flatMap(axis => {
        const boxes = [...axis.children].filter(e => getComputedStyle(e).visibility === 'visible')
          .map(e => e.getBoundingClientRect());
        return boxes.filter((b, i) => b.left < 0 || b.right > innerWidth || boxes.some((o, j) =>
          j > i && b.left < o.right && o.left < b.right && b.top < o.bottom && o.top < b.bottom));
      }).length
      """;

  /// The lowest contrast of a text and what is behind it (WCAG 2.2, 1.4.3), in hundredths.
  private static final String CONTRAST =
      """
      (() => {
        const parts = c => c.match(/[\\d.]+/g).map(Number);
        const light = c => parts(c).slice(0, 3).map(v => v / 255)
          .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
          .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
        const behind = e => {
          for (; e; e = e.parentElement) {
            const c = getComputedStyle(e).backgroundColor;
            if (parts(c)[3] !== 0) return c;
          }
          return 'rgb(255, 255, 255)';
        };
        return Math.min(...[...document.querySelectorAll('body *')]
          .filter(e => [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()))
          .filter(e => !e.closest('svg') && e.getClientRects().length)
          .map(e => {
            const a = light(getComputedStyle(e).color), b = light(behind(e));
            return Math.floor(100 * (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05));
          }));
      })()
      """;

  private static final String SMALLEST_TEXT =
      """
      Math.min(...[...document.querySelectorAll('body *')]
        .filter(e => e.getClientRects().length && !e.closest('svg'))
        .map(e => parseFloat(getComputedStyle(e).fontSize)))
      """;

  @TempDir private Path folder;

  @BeforeEach
  void makeDatabase() throws SQLException, IOException {
    try (PlatformDatabase database = PlatformDatabase.create(folder, PlatformDatabase.Age.NEWEST)) {
      database.inOneTransaction(() -> {
        List<String> names =
            List.of(
                "voice",
                "<script>document.title = 'x'</script>",
                "مكتب الرياض الرئيسي",
                "עברית 123 policy",
                "W".repeat(200),
                "a name of many words ".repeat(10).strip(),
                "日本語の方針");
        for (int i = 0; i < names.size(); i++) {
          database.policy(i + 1, names.get(i), 1000 - i, "{\"dst_port_range\":[443,443]}");
          week(database, i + 1, 1_000L << (3 * i), i == 0);
        }
      });
    }
  }

  /// A snapshot each hour, busy by day; with breaks: two resets, and seven hours without any.
  private static void week(PlatformDatabase database, long policy, long hourly, boolean breaks)
      throws SQLException {
    long bytes = 0;
    for (int hour = 0; hour <= HOURS; hour++) {
      bytes = breaks && hour % 60 == 30 ? 0 : bytes;
      bytes += hourly * (2 + Math.max(0, 12 - Math.abs(hour % 24 - 13)));
      if (hour < 80 || hour > 86) {
        long second = NEWEST - (HOURS - hour) * 3600L;
        database.stat(policy, second, bytes / 500, bytes, hour % 24);
      }
    }
  }

  private ProgramOutcome report(String... more) {
    Object[] words = new Object[more.length + 1];
    words[0] = "report";
    System.arraycopy(more, 0, words, 1, more.length);
    ProgramOutcome outcome =
        Program.patronus(words)
            .env("PATRONUS_DB_PATH", folder.resolve("sdwan.db"))
            .env("PATRONUS_SOCKET", folder.resolve("patronus.sock"))
            .run();
    assertEquals(0, outcome.exitCode(), outcome::toString);
    return outcome;
  }

  private Path week() {
    Path page = folder.resolve("report.html");
    report("--since", Long.toString(NEWEST - HOURS * 3600L), "--file", page.toString());
    return page;
  }

  private static void keep(String name, Browser browser) throws Exception {
    Files.createDirectories(PICTURES);
    byte[] picture = browser.picture();
    Files.write(PICTURES.resolve(name + ".png"), picture);
    assertArrayEquals(new byte[] {(byte) 0x89, 'P', 'N', 'G'}, Arrays.copyOf(picture, 4));
  }

  private static void isSound(Browser browser, Path page, int width) throws InterruptedException {
    assertEquals(List.of(), browser.complaints());
    assertEquals(List.of(page.toUri().toString()), browser.requests(), "nothing else is fetched");
    assertEquals(width, browser.number("innerWidth"));
    assertEquals("", browser.text(SPILLED), "beyond " + width);
    assertTrue(browser.number("document.documentElement.scrollWidth") <= width);
    assertEquals(0, browser.number(COLLISIONS), "labels over each other at " + width);
    assertTrue(browser.number(CONTRAST) >= 450, "contrast " + browser.number(CONTRAST));
    assertTrue(browser.number(SMALLEST_TEXT) >= 11, "text " + browser.number(SMALLEST_TEXT));
  }

  @ParameterizedTest
  @CsvSource({"1280, LIGHT", "1280, DARK", "800, LIGHT", "375, LIGHT", "375, DARK", "320, LIGHT"})
  void it_is_legible_on_every_screen(int width, Scheme scheme) throws Exception {
    Browser.require();
    Path page = week();
    try (Browser browser = Browser.start(folder).open(page, width, 800, scheme)) {
      keep("week-" + width + "-" + scheme, browser);
      isSound(browser, page, width);
      assertEquals(0, browser.number("document.scripts.length"));
      assertEquals(
          "Traffic of all policies", browser.text("document.querySelector('h1').innerText"));
      assertEquals(8, browser.number("document.querySelectorAll('svg').length"));
      assertTrue(browser.number("document.querySelectorAll('svg .gap').length") > 0);
      assertTrue(browser.number("document.querySelectorAll('svg .reset').length") > 0);
      assertEquals(
          "<script>document.title = 'x'</script>",
          browser.text("document.querySelectorAll('.policies tbody bdi')[5].textContent"));
    }
  }

  @ParameterizedTest
  @EnumSource(Scheme.class)
  void it_follows_what_the_reader_prefers_and_is_black_on_white_on_paper(Scheme scheme)
      throws Exception {
    Browser.require();
    try (Browser browser = Browser.start(folder).open(week(), 680, 900, scheme)) {
      keep("week-680-" + scheme, browser);
      String paper = browser.text("getComputedStyle(document.body).backgroundColor");
      assertEquals(scheme == Scheme.DARK ? "rgb(20, 23, 26)" : "rgb(255, 255, 255)", paper);
      String head = "getComputedStyle(document.querySelector('.policies thead')).display";
      boolean paged = scheme == Scheme.PAPER;
      assertEquals(paged ? "table-header-group" : "block", browser.text(head));
      assertEquals("", browser.text(SPILLED));
      assertEquals(0, browser.number(COLLISIONS));
      byte[] printed = browser.print();
      assertArrayEquals(new byte[] {'%', 'P', 'D', 'F'}, Arrays.copyOf(printed, 4));
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 1280", "1, 375", "1000, 1280", "1000, 375"})
  void one_policy_and_a_thousand_fit(int policies, int width) throws Exception {
    Browser.require();
    try (PlatformDatabase database = PlatformDatabase.open(folder.resolve("sdwan.db"))) {
      database.run("DELETE FROM sdwan_policy_stats");
      database.run("DELETE FROM sdwan_policies");
      database.inOneTransaction(() -> {
        for (int i = 0; i < policies; i++) {
          database.policy(i + 1, "branch " + i, 1, "{}");
          database.stat(i + 1, NEWEST - 7200, 0, 0, 1);
          database.stat(i + 1, NEWEST - 3600, 10L * i, 9_000_000_000_000L / (i + 1), 1);
        }
      });
    }
    Path page = week();
    try (Browser browser = Browser.start(folder).open(page, width, 800, Scheme.LIGHT)) {
      keep("policies-" + policies + "-" + width, browser);
      isSound(browser, page, width);
      int total = policies > 1 ? 1 : 0;
      assertEquals(
          policies + total,
          browser.number("document.querySelectorAll('.policies tbody tr').length"));
    }
  }

  @Test
  void nothing_counted_is_a_page_too() throws Exception {
    Browser.require();
    Path page = folder.resolve("report.html");
    report("--range", "2020-01", "--file", page.toString());
    try (Browser browser = Browser.start(folder).open(page, 375, 800, Scheme.DARK)) {
      isSound(browser, page, 375);
      assertTrue(browser.text("document.body.innerText").contains("No traffic was counted"));
    }
  }

  @Test
  void beside_a_daemon_it_shows_the_largest_flows() throws Exception {
    int port = DaemonUnderTest.freePort();
    Path page = folder.resolve("report.html");
    try (DaemonUnderTest daemon = DaemonUnderTest.start(folder, port);
        NetflowV5Sender sender = new NetflowV5Sender(port)) {
      long before = daemon.packets();
      sender.send(0, 443, 2);
      sender.send(NetflowV5Sender.FLOWS, 443, 7);
      long sent = NetflowV5Sender.FLOWS * 9L;
      DaemonUnderTest.await("all are counted", () -> daemon.packets() == before + sent);
      report("--since", Long.toString(NEWEST - HOURS * 3600L), "--file", page.toString());
      JsonNode own = new ObjectMapper().readTree(report("-p", "1", "-p", "4", "--json").stdout());
      assertEquals(
          List.of("voice"),
          own.get("flows").findValuesAsString("policy").stream().distinct().toList());
      assertEquals(20, own.get("flows").size());
      assertEquals(60, own.get("active_flows").asLong());
      JsonNode others = new ObjectMapper().readTree(report("-p", "4", "--json").stdout());
      assertTrue(others.get("flows").isEmpty(), "it tells of its policy alone");
      assertEquals(0, others.get("active_flows").asLong());
    }
    String flows = Files.readString(page);
    flows = flows.substring(flows.indexOf("<table class=\"flows\">"));
    flows = flows.substring(0, flows.indexOf("</section>"));
    assertEquals(
        20,
        flows.split("<tr><th scope=\"row\" data-title=\"[A-Za-z ]+\"><bdi>10\\.0\\.0\\.", -1).length
            - 1,
        flows);
    assertEquals(20, flows.split("<data value=\"700\">700 B</data>", -1).length - 1, flows);
    assertTrue(flows.contains(">10.1.0.1:443</td>") && flows.contains("<bdi>voice</bdi>"), flows);
    assertTrue(flows.contains("20 of 60 active flows"), flows);
    Browser.require();
    try (Browser browser = Browser.start(folder).open(page, 375, 800, Scheme.LIGHT)) {
      keep("flows-375", browser);
      isSound(browser, page, 375);
      browser.open(page, 1280, 800, Scheme.LIGHT);
      keep("flows-1280", browser);
      isSound(browser, page, 1280);
    }
  }

  @Test
  void a_reader_that_goes_away_ends_it_quietly() {
    ProgramOutcome outcome =
        Program.of(
                "sh",
                "-c",
                "{ \"$0\" report --since 2020-01-01 --step 1d; echo $? >&3; } 3>&2 | head -c 10",
                Program.home().resolve("bin/patronus"))
            .env("PATRONUS_DB_PATH", folder.resolve("sdwan.db"))
            .run();
    assertEquals("<!DOCTYPE ", outcome.stdout());
    assertEquals("0\n", outcome.stderr(), outcome::toString);
  }
}
