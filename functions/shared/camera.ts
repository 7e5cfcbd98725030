/** The camera's name as people know it: one word for filter, list and details. Pure. */

/** @returns undefined where nothing is known of the camera */
export function cameraName(camera: { make?: string | undefined; model?: string | undefined } | undefined) {
  if (!camera?.model) return camera?.make
  // Makers repeat their name in the model.
  const [maker = ''] = camera.make?.toLowerCase().split(' ') ?? []
  return camera.model.toLowerCase().startsWith(maker) ? camera.model : `${camera.make} ${camera.model}`
}
