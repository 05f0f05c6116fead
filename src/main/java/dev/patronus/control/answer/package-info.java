/// The documents that the daemon answers: its status, exporters' templates, the statistics of its
/// caches.
///
/// In: values of the daemon, or a document of one, also of an older or a newer release. Out: the
/// document, or the values. Never knows: how values are computed or shown, sockets.
@NullMarked
package dev.patronus.control.answer;

import org.jspecify.annotations.NullMarked;
