package dev.patronus.notify;

import dev.patronus.config.AlertSettings;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// A way to deliver notices.
public sealed interface Action permits CommandAction, MailAction, WebhookAction {

  /// Its name in the log and in the metrics: `command`.
  String name();

  /// What it reaches, for people.
  String target();

  /// All that a delivery of this notice hands over, as text.
  String content(Notice notice);

  /// Delivers a notice, and waits until that is done; bounded in time.
  ///
  /// @throws IOException if it was not delivered
  void deliver(Notice notice) throws IOException, InterruptedException;

  /// The actions that are configured.
  static List<Action> of(AlertSettings settings) {
    List<Action> actions = new ArrayList<>();
    settings.command().ifPresent(file -> actions.add(new CommandAction(file)));
    settings.webhook().ifPresent(uri -> actions.add(new WebhookAction(uri)));
    settings.mail().ifPresent(to -> actions.add(new MailAction(settings.sendmail(), to)));
    return actions;
  }
}
