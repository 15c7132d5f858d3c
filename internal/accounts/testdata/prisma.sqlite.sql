-- prisma migrate, for a model User with email, name and password.
CREATE TABLE "User" ("id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, "email" TEXT NOT NULL, "name" TEXT, "password" TEXT NOT NULL);
CREATE UNIQUE INDEX "User_email_key" ON "User"("email");
