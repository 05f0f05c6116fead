package dev.patronus.testing;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/// A real browser without a window, driven through its DevTools: how a page looks, what it
/// measures, and what it complains about.
///
/// ```java
/// try (Browser browser = Browser.start(folder)) {
///   browser.open(page, 375, 800, Scheme.DARK);
///   assertEquals(375, browser.number("document.documentElement.scrollWidth"));
///   assertEquals(List.of(), browser.complaints());
/// }
/// ```
///
/// Confined to one thread. The starter closes it, which ends the browser.
public final class Browser implements AutoCloseable {
  private static final List<String> NAMES =
      List.of("chromium", "chromium-browser", "google-chrome");

  /// How long what must come is waited for: long, for slow machines.
  private static final Duration TIMEOUT = Duration.ofMinutes(3);

  private static final Duration PAUSE = Duration.ofMillis(50);

  private final ObjectMapper json = new ObjectMapper();
  private final BlockingQueue<JsonNode> arrived = new LinkedBlockingQueue<>();
  private final List<String> complaints = new ArrayList<>();
  private final List<String> requests = new ArrayList<>();
  private final RunningProgram program;
  private final HttpClient http = HttpClient.newHttpClient();
  private WebSocket socket;
  private String session = "";
  private int asked;

  private Browser(RunningProgram program) {
    this.program = program;
  }

  /// What the reader prefers, and whether it is on paper.
  public enum Scheme {
    LIGHT("screen", "light"),
    DARK("screen", "dark"),
    PAPER("print", "dark");

    private final String media;
    private final String preferred;

    Scheme(String media, String preferred) {
      this.media = media;
      this.preferred = preferred;
    }

    private Map<String, Object> emulated() {
      Map<String, Object> feature = Map.of("name", "prefers-color-scheme", "value", preferred);
      return Map.of("media", media, "features", List.of(feature));
    }
  }

  /// Requires a browser on this machine.
  public static void require() {
    Tools.requireOneOf(NAMES);
  }

  private static Optional<String> installed() {
    return NAMES.stream().filter(Program::isInstalled).findFirst();
  }

  /// Starts it with a profile of its own in the folder.
  public static Browser start(Path folder) throws Exception {
    Path profile = Files.createTempDirectory(folder, "browser");
    RunningProgram program =
        Program.of(
                installed().orElseThrow(),
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--hide-scrollbars",
                "--no-first-run",
                "--disable-background-networking",
                "--remote-debugging-port=0",
                "--user-data-dir=" + profile,
                "about:blank")
            .env("HOME", profile)
            .start();
    Browser browser = new Browser(program);
    try {
      browser.connect(profile.resolve("DevToolsActivePort"));
      return browser;
    } catch (Exception e) {
      browser.close();
      throw e;
    }
  }

  /// The browser writes down where it listens: the port, and below it the path.
  private void connect(Path port) throws Exception {
    long deadline = System.nanoTime() + TIMEOUT.toNanos();
    while (!Files.exists(port) || Files.readAllLines(port).size() < 2) {
      if (!program.isAlive() || System.nanoTime() > deadline) {
        throw new IllegalStateException("no browser: " + program.stderrSoFar());
      }
      Thread.sleep(PAUSE);
    }
    List<String> lines = Files.readAllLines(port);
    URI uri = URI.create("ws://127.0.0.1:" + lines.get(0) + lines.get(1));
    socket = http.newWebSocketBuilder().buildAsync(uri, new Incoming()).get();
    String target =
        ask("Target.createTarget", Map.of("url", "about:blank")).path("targetId").asString();
    Map<String, Object> how = Map.of("targetId", target, "flatten", true);
    session = ask("Target.attachToTarget", how).path("sessionId").asString();
    for (String domain : List.of("Page", "Runtime", "Log", "Network")) {
      ask(domain + ".enable", Map.of());
    }
  }

  /// What comes in, message by message.
  private final class Incoming implements WebSocket.Listener {
    private final StringBuilder text = new StringBuilder();

    @Override
    public CompletionStage<?> onText(WebSocket from, CharSequence part, boolean last) {
      text.append(part);
      if (last) {
        arrived.add(json.readTree(text.toString()));
        text.setLength(0);
      }
      from.request(1);
      return null;
    }
  }

  private JsonNode ask(String method, Map<String, Object> parameters) throws InterruptedException {
    int id = ++asked;
    Map<String, Object> message =
        session.isEmpty()
            ? Map.of("id", id, "method", method, "params", parameters)
            : Map.of("id", id, "method", method, "params", parameters, "sessionId", session);
    socket.sendText(json.writeValueAsString(message), true).join();
    JsonNode answer = await(node -> node.path("id").asInt(0) == id, method);
    if (answer.has("error")) {
      throw new IllegalStateException(method + ": " + answer);
    }
    return answer.path("result");
  }

  private JsonNode await(Predicate<JsonNode> isIt, String what) throws InterruptedException {
    while (true) {
      JsonNode node = arrived.poll(TIMEOUT.toSeconds(), TimeUnit.SECONDS);
      if (node == null) {
        throw new IllegalStateException("the browser does not answer: " + what);
      }
      note(node);
      if (isIt.test(node)) {
        return node;
      }
    }
  }

  private void note(JsonNode event) {
    switch (event.path("method").asString("")) {
      case "Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded" ->
          complaints.add(event.path("params").toString());
      case "Network.requestWillBeSent" ->
          requests.add(event.path("params").path("request").path("url").asString());
      default -> {}
    }
  }

  /// Opens a file as a page of this width, and waits until it is there.
  public Browser open(Path file, int width, int height, Scheme scheme) throws InterruptedException {
    ask(
        "Emulation.setDeviceMetricsOverride",
        Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", width < 600));
    ask("Emulation.setEmulatedMedia", scheme.emulated());
    complaints.clear();
    requests.clear();
    ask("Page.navigate", Map.of("url", file.toUri().toString()));
    await(node -> node.path("method").asString("").equals("Page.loadEventFired"), "page");
    return this;
  }

  /// What an expression gives in the page.
  public JsonNode value(String expression) throws InterruptedException {
    Map<String, Object> how = Map.of("expression", expression, "returnByValue", true);
    JsonNode result = ask("Runtime.evaluate", how);
    if (result.has("exceptionDetails")) {
      throw new IllegalStateException(result.toString());
    }
    return result.path("result").path("value");
  }

  public double number(String expression) throws InterruptedException {
    return value(expression).asDouble();
  }

  public String text(String expression) throws InterruptedException {
    return value(expression).asString();
  }

  /// What the page, and the browser about it, said on the console since it was opened.
  public List<String> complaints() {
    return List.copyOf(complaints);
  }

  /// What was fetched since the page was opened, itself included.
  public List<String> requests() {
    return List.copyOf(requests);
  }

  /// A picture (PNG) of the whole page.
  public byte[] picture() throws InterruptedException {
    JsonNode size = ask("Page.getLayoutMetrics", Map.of()).path("cssContentSize");
    Map<String, Object> clip =
        Map.of(
            "x", 0,
            "y", 0,
            "width", size.path("width").asDouble(),
            "height", size.path("height").asDouble(),
            "scale", 1);
    Map<String, Object> how = Map.of("format", "png", "captureBeyondViewport", true, "clip", clip);
    return bytes(ask("Page.captureScreenshot", how));
  }

  /// The page as it is printed (PDF), on A4.
  public byte[] print() throws InterruptedException {
    Map<String, Object> paper =
        Map.of(
            "paperWidth",
            8.27,
            "paperHeight",
            11.69,
            "preferCSSPageSize",
            true,
            "printBackground",
            false);
    return bytes(ask("Page.printToPDF", paper));
  }

  private static byte[] bytes(JsonNode answer) {
    return Base64.getDecoder().decode(answer.path("data").asString());
  }

  /// Lets the browser and its processes end by themselves, which takes its files away too, and ends
  /// what does not.
  @Override
  public void close() {
    List<ProcessHandle> all = processes();
    try {
      askToEnd();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } finally {
      http.shutdownNow();
      program.close();
      all.forEach(ProcessHandle::destroyForcibly);
    }
  }

  private void askToEnd() throws InterruptedException {
    if (socket == null) {
      return;
    }
    session = "";
    ask("Browser.close", Map.of());
    long deadline = System.nanoTime() + TIMEOUT.toNanos();
    while (program.isAlive() && System.nanoTime() < deadline) {
      Thread.sleep(PAUSE);
    }
  }

  private List<ProcessHandle> processes() {
    try (Stream<ProcessHandle> all =
        ProcessHandle.of(program.pid()).map(ProcessHandle::descendants).orElse(Stream.empty())) {
      return all.toList();
    }
  }
}
