/** @returns whole days, rounded up, as S3 and CloudWatch count */
export const days = (milliseconds: number): number => Math.ceil(milliseconds / 86_400_000)
