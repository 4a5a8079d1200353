package assay.rm;

import assay.tensor.Device;

/** The device that tests tagged "device" run on: they run once for each that the build has. */
final class TestDevice {
  private static final String NAME = System.getProperty("assay.test-device", "cpu");

  private TestDevice() {}

  static boolean isCpu() {
    return NAME.equals("cpu");
  }

  static Device open() {
    return Device.open(NAME, 2);
  }
}
