/** Reward models: a transformer and a head that turns its last state into a number. */
package assay.rm;
