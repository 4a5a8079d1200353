/** A disk that fails and a machine that loses power, for the tests of all modules. */
package assay.testing.crash;
