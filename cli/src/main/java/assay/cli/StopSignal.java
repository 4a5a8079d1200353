package assay.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Ctrl-C as a request: the run finishes its step and saves before the process ends. The signal
 * itself cannot be caught without internal classes, but the shutdown it starts can be held up.
 */
final class StopSignal implements AutoCloseable {
  private static final long LONGEST_WAIT_MINUTES = 30;

  private final CountDownLatch finished = new CountDownLatch(1);
  private final Thread hook = new Thread(this::stop, "assay-stop");
  private volatile boolean requested;

  StopSignal() {
    Runtime.getRuntime().addShutdownHook(hook);
  }

  private void stop() {
    requested = true;
    try {
      if (!finished.await(LONGEST_WAIT_MINUTES, TimeUnit.MINUTES)) {
        System.err.println("assay: the run did not stop in time");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    System.err.flush();
  }

  boolean isRequested() {
    return requested;
  }

  /** The run is over; if a signal started the shutdown, it may go on. */
  @Override
  public void close() {
    finished.countDown();
    if (!requested) {
      try {
        Runtime.getRuntime().removeShutdownHook(hook);
      } catch (IllegalStateException e) {
        requested = true; // the signal came just now
      }
    }
  }
}
