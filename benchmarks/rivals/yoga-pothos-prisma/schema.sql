-- What `prisma migrate` makes of prisma/schema.prisma.
CREATE TABLE "todo" (
  "id" TEXT NOT NULL,
  "title" TEXT NOT NULL,
  "description" TEXT NOT NULL,
  "level" INTEGER NOT NULL,
  "done" BOOLEAN NOT NULL,
  "owner" TEXT NOT NULL,
  "tags" TEXT[],
  "created_at" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "updated_at" TIMESTAMP(3) NOT NULL,
  CONSTRAINT "todo_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "todo_owner_done_level_id_idx" ON "todo" ("owner", "done", "level" DESC, "id");
