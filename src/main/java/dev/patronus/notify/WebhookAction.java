package dev.patronus.notify;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Posts a JSON document to a URL. No redirect is followed, and the body of the response is not
/// read.
record WebhookAction(URI uri) implements Action {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
  private static final Duration TIMEOUT = Duration.ofSeconds(15);

  @Override
  public String name() {
    return "webhook";
  }

  /// The host alone: paths and queries of webhooks are often secrets.
  @Override
  public String target() {
    return uri.getScheme() + "://" + uri.getRawAuthority().replaceFirst("^.*@", "");
  }

  /// The document.
  @Override
  public String content(Notice notice) {
    return notice.json().toString();
  }

  @Override
  public void deliver(Notice notice) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(uri)
            .timeout(TIMEOUT)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(content(notice), StandardCharsets.UTF_8))
            .build();
    HttpClient client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(CONNECT_TIMEOUT)
            .followRedirects(HttpClient.Redirect.NEVER)
            .build();
    try {
      CompletableFuture<HttpResponse<Void>> sent =
          client.sendAsync(request, HttpResponse.BodyHandlers.discarding());
      requireAccepted(sent.get(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS));
    } catch (TimeoutException e) {
      throw new IOException("no answer within " + TIMEOUT.toSeconds() + " s", e);
    } catch (ExecutionException e) {
      throw new IOException(reason(e), e);
    } finally {
      client.shutdownNow();
    }
  }

  private static String reason(ExecutionException failed) {
    Throwable cause = failed.getCause();
    String message = cause == null ? null : cause.getMessage();
    return message == null ? "cannot connect" : message;
  }

  private void requireAccepted(HttpResponse<Void> response) throws IOException {
    int status = response.statusCode();
    if (status >= 300 && status < 400) {
      throw new IOException(
          "it redirects (status "
              + status
              + "), and redirects are not followed; write the final address into alert-webhook");
    }
    if (status >= 400) {
      throw new IOException("it answered with status " + status);
    }
  }
}
